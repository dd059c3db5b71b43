/**
 * The binding through JCuda, which needs its jars on the class path. A thin adapter: what is made of the calls is in
 * {@link org.charlstm.cuda}.
 */
package org.charlstm.cuda.jcuda;
