package org.charlstm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.ResourceLocksProvider;

/**
 * Tests whose work is done in processes of their own: two such classes run beside the tests that work in this one, and
 * three when those are done. The longest of them come first, by {@code @Order}. They wait for much of their time; while
 * they work they give way to the tests of this process, whose row is the longest.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(providers = InProcesses.OneByOne.class)
@ExtendWith(InProcesses.GiveWay.class)
@Tag("processes")
public @interface InProcesses {
    /** A lock that each class has for itself: its own tests do not run beside each other. */
    final class OneByOne implements ResourceLocksProvider {
        @Override
        public Set<Lock> provideForClass(Class<?> testClass) {
            return Set.of(new Lock(testClass.getName()));
        }
    }

    /** Lowers the priority of the thread that runs the class, which the processes that it starts inherit on Linux. */
    final class GiveWay implements BeforeAllCallback {
        private static final int NICE = 5;

        @Override
        @SuppressWarnings("restricted")
        public void beforeAll(ExtensionContext context) {
            Optional<MemorySegment> lower = System.getProperty("os.name").equals("Linux")
                    ? Linker.nativeLinker().defaultLookup().find("setpriority") : Optional.empty();
            if (lower.isPresent()) {
                try {
                    // Of PRIO_PROCESS the calling thread; whether it succeeds changes the time that tests take alone.
                    int _ = (int) Linker.nativeLinker().downcallHandle(lower.get(),
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT)).invokeExact(0, 0, NICE);
                } catch (Throwable e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}
