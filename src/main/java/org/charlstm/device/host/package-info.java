/**
 * What devices share whose memory is the host's: integers and sums in Java arrays, and checks of shapes.
 */
package org.charlstm.device.host;
