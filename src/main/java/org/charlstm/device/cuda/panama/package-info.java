/**
 * The binding through java.lang.foreign.
 */
package org.charlstm.device.cuda.panama;
