/** Whether a device computes as the oracle does: every operation, a whole model, training and sampling. */
package org.charlstm.selftest;
