/** Checks whether a device computes whole models, training and sampling like the oracle. */
package org.charlstm.selftest.models;
