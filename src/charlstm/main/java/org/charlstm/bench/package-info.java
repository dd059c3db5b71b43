/** Measures epoch times over a grid of configurations, each in a process of its own, and compares them. */
package org.charlstm.bench;
