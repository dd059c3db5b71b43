/**
 * Code that devices in host memory share: integers and sums in Java arrays, and operations. The checks of shapes and
 * the drawing of a symbol serve the GPU device as well.
 */
package org.charlstm.device.host;
