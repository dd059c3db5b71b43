/** Whether a device computes whole models, training and sampling as the oracle does. */
package org.charlstm.selftest.models;
