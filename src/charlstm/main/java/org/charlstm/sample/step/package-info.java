/** Runs sequences through a model one time step at a time; sampling, beam search and scoring share this package. */
package org.charlstm.sample.step;
