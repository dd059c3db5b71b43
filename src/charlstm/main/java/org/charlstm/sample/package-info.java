/** New text and predictions from a trained model, one time step at a time. */
package org.charlstm.sample;
