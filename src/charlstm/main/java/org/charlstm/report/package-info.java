/** Results for people: a page that stands alone, pictures of its charts, and files for TensorBoard. */
package org.charlstm.report;
