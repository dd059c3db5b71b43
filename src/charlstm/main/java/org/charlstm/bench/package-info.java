/** Epoch times over a grid of configurations, each measured in a process of its own, and their comparison. */
package org.charlstm.bench;
