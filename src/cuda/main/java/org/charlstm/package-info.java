/**
 * The failures that users can mend, which the kernel library ({@link org.charlstm.cuda}) and all that is built on it
 * throw.
 */
package org.charlstm;
