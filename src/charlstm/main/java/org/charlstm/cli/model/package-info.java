/**
 * Commands that use or show a model that is there: they sample, score, predict and list its layers.
 */
package org.charlstm.cli.model;
