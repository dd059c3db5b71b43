/**
 * Whether a device computes what it should: every operation, a whole model, training and sampling beside the oracle's.
 */
package org.charlstm.selftest;
