/** A local page on runs and models, and the HTTP interface behind it. */
package org.charlstm.serve;
