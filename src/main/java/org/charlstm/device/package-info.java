/**
 * What a device is: memory, and a dozen coarse operations on it. Nothing here computes.
 */
package org.charlstm.device;
