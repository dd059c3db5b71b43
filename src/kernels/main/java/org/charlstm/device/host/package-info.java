/**
 * Code that devices in host memory share: integers and sums in Java arrays, and operations. The GPU device also uses
 * the checks of shapes and the sampler.
 */
package org.charlstm.device.host;
