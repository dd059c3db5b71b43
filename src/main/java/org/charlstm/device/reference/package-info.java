/**
 * The oracle: every operation in plain double loops, one file an operation.
 */
package org.charlstm.device.reference;
