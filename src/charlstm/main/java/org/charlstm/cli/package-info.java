/** The tool: one class a command, and what words its failures. */
package org.charlstm.cli;
