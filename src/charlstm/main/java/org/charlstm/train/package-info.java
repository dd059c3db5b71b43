/** The training loop and its figures, evaluation, and the timing of operations. */
package org.charlstm.train;
