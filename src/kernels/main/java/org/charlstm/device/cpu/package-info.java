/**
 * The processor through the Vector API: bit-identical for any number of threads at one vector width.
 */
package org.charlstm.device.cpu;
