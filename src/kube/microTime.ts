/** meta/v1 MicroTime takes exactly six digits: https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/micro_time.go */
export function microTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000Z');
}
