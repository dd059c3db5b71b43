/** Texts of several clients that go through a model side by side. */
package org.charlstm.sample.streams;
