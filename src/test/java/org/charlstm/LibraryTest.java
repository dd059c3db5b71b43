package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What a program gets that names charlstm as its dependency. */
class LibraryTest {
    /** All of it is named, and ReadmeTest's programs run with it: no command line's, no log's, no GPU's. */
    @Test
    void onlyWhatTheLibraryNeedsComesAlong() throws Exception {
        Document pom = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder()
                .parse(Path.of("pom.xml").toFile());
        NodeList names = (NodeList) XPathFactory.newDefaultInstance().newXPath().evaluate(
                "/project/dependencies/dependency[not(optional = 'true') and not(scope = 'test')]/artifactId", pom,
                XPathConstants.NODESET);
        Set<String> needed = new TreeSet<>(IntStream.range(0, names.getLength())
                .mapToObj(i -> names.item(i).getTextContent()).toList());
        assertEquals(Library.JARS, needed);
    }
}
