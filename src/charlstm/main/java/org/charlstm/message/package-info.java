/**
 * The parts of a message: amounts, words for a shell, and the settings that mend a failure.
 */
package org.charlstm.message;
