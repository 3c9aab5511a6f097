/**
 * Inside a network namespace of its own, so that these addresses and all ports belong to nobody else.
 * The range of Services, 10.0.0.0/24, is the control plane's.
 */
export const nodeAddress = '10.0.1.1';
export const podRange = '10.0.2.0/24';
