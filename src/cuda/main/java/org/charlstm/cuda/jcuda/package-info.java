/**
 * The binding through JCuda, which needs its jars on the class path. Functions of the tables call JCuda's methods,
 * found by name and types.
 */
package org.charlstm.cuda.jcuda;
