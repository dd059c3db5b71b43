/** Presents results to people: a self-contained page, pictures of its charts, and files for TensorBoard. */
package org.charlstm.report;
