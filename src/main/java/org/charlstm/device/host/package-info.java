/**
 * Code that devices in host memory share: integers and sums in Java arrays, operations, and checks of shapes.
 */
package org.charlstm.device.host;
