package org.charlstm.machine;

import module java.base;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * With {@code -Dcharlstm.test.needing=GXX,NVCC} only tests run that need one of these, as they or their classes say
 * with {@link Needs}: for a machine that differs in nothing else.
 */
public final class Needing implements PostDiscoveryFilter {
    private final List<Need> wanted;

    /** Of the property; without it every test runs. */
    public Needing() {
        this(System.getProperty("charlstm.test.needing", ""));
    }

    Needing(String names) {
        wanted = names.isEmpty() ? List.of() : Arrays.stream(names.split(",", -1)).map(Need::valueOf).toList();
    }

    @Override
    public FilterResult apply(TestDescriptor test) {
        boolean runs = wanted.isEmpty() || !(test.getSource().orElse(null) instanceof MethodSource method)
                || Stream.of(method.getJavaMethod(), method.getJavaClass()).anyMatch(this::needs);
        return FilterResult.includedIf(runs);
    }

    private boolean needs(AnnotatedElement element) {
        return AnnotationSupport.findAnnotation(element, Needs.class)
                .filter(needs -> Stream.of(needs.value()).anyMatch(wanted::contains)).isPresent();
    }
}
