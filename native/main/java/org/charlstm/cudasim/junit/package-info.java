/** JUnit tests that run on the simulated GPU and fail for its findings. */
package org.charlstm.cudasim.junit;
