/** Sequences that go through a model one time step at a time, whatever becomes of their symbols. */
package org.charlstm.sample.step;
