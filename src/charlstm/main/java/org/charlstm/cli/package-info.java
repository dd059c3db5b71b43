/** The tool: one class per command, and the wording of failures. */
package org.charlstm.cli;
