/** Checks that a device computes each operation as the oracle does. */
package org.charlstm.selftest;
