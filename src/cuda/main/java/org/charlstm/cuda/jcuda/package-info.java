/**
 * The binding through JCuda, which needs its jars on the class path. Tables become calls of JCuda's methods by name
 * and types.
 */
package org.charlstm.cuda.jcuda;
