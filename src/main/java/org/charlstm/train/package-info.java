/**
 * The training loop, evaluation, and a run's folder.
 */
package org.charlstm.train;
