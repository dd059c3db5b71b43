/**
 * The failure that users can mend. A program opens a device ({@link org.charlstm.device}), makes a model on it
 * ({@link org.charlstm.nn}) and trains it ({@link org.charlstm.run}; in a loop of its own, {@link org.charlstm.train}),
 * or loads one ({@link org.charlstm.io}, {@link org.charlstm.keras}), and has it write
 * ({@link org.charlstm.sample}). Each thread has a device and a model of its own.
 */
package org.charlstm;
