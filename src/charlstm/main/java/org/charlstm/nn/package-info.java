/** The model as data and as forward and backward passes over device operations; initial weights; the optimiser. */
package org.charlstm.nn;
