/** Commands that use or show an existing model: they sample, score, predict, and list its layers. */
package org.charlstm.cli.model;
