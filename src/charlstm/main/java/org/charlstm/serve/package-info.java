/** A local web page on runs and models, and the HTTP interface behind the page. */
package org.charlstm.serve;
