/**
 * The built-in caption set for a first run without a file: image captions
 * drawn from a grammar that was written for this project.
 */
package org.charlstm.text.generated;
