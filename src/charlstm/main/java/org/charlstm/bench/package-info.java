/**
 * Epoch times over a grid of configurations, each measured in a process of its own, and the comparison of two such
 * experiments.
 */
package org.charlstm.bench;
