/** The folder of a training run: its files, its lock, and the state from which the run resumes. */
package org.charlstm.run.folder;
