/**
 * The tool: one class a command.
 */
package org.charlstm.cli;
