/** The binding through java.lang.foreign. */
package org.charlstm.cuda.panama;
