//! Tests of languages beyond those of first quality.

use super::*;

#[test]
fn ruby_tests() {
    check(
        "test/a_test.rb",
        r#"
class ATest < Minitest::Test
  def test_adds
    sum = add(1, 2)
    assert_equal 3, sum
    assert sum
    assert_raises(TypeError) { add(nil, 1) }
    skip "later"
  end
end

describe Calc do
  it "adds" do
    expect(add(1, 2)).to eq(3)
    expect(add(1, 2)).not_to be_nil
    expect { add(nil) }.to raise_error(TypeError)
  end
  xit "off" do
  end
end
"#,
        r#"
ATest#test_adds
  Equal Exact add(1,2) ~ 3
  Truth Truthy add(1,2)
  Throws Exact {add(nil,1)} raises TypeError
  Skipped because later
Calc adds
  Equal Exact add(1,2) ~ 3
  Present Truthy add(1,2)
  Throws Exact {add(nil)} ~ TypeError raises TypeError
Calc off
  Skipped
"#,
    );
}

#[test]
fn xunit_and_nunit_tests() {
    check(
        "Tests/ATest.cs",
        r#"
public class ATest {
    [Fact]
    public void Adds() {
        var sum = Calc.Add(1, 2);
        Assert.Equal(3, sum);
        Assert.NotNull(sum);
        Assert.That(sum, Is.EqualTo(3));
        Assert.Throws<BadException>(() => Calc.Add(null, 1));
        sum.Should().Be(3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Rows(int n) { Assert.True(n > 0); }

    [Fact(Skip = "later")]
    public void Off() { }
}
"#,
        r#"
ATest.Adds
  Equal Exact Calc.Add(1,2) ~ 3
  Present Truthy Calc.Add(1,2)
  Equal Exact Calc.Add(1,2) ~ 3
  Throws Exact ()=>Calc.Add(null,1) raises BadException
  Equal Exact Calc.Add(1,2) ~ 3
ATest.Rows ×2
  Order Bound n ~ 0
ATest.Off
  Skipped because later
"#,
    );
}

#[test]
fn phpunit_tests() {
    check(
        "tests/ATest.php",
        r#"<?php
class ATest extends TestCase {
    public function testAdds(): void {
        $sum = add(1, 2);
        $this->assertSame(3, $sum);
        $this->assertNotNull($sum);
        self::assertCount(2, items());
        $this->expectException(BadException::class);
        $this->markTestSkipped('later');
    }
    #[Test]
    public function named(): void { $this->assertTrue(add(1, 1) === 2); }
}
"#,
        r#"
ATest.testAdds
  Equal Exact add(1,2) ~ 3
  Present Truthy add(1,2)
  Length Bound items() ~ 2
  Throws Exact BadException::class raises BadException
  Skipped because later
ATest.named
  Equal Exact add(1,1) ~ 2
"#,
    );
}

#[test]
fn kotlin_swift_and_cpp_tests() {
    check(
        "src/test/kotlin/ATest.kt",
        r#"
class ATest {
    @Test
    fun adds() {
        val sum = add(1, 2)
        assertEquals(3, sum)
        assertFailsWith<BadException> { add(null) }
        sum shouldBe 3
    }
    @Disabled("later")
    @Test
    fun off() { }
}
"#,
        r#"
ATest.adds
  Equal Exact add(1,2) ~ 3
  Throws Exact {add(null)} raises BadException
  Equal Exact add(1,2) ~ 3
ATest.off
  Skipped because later
"#,
    );
    check(
        "Tests/ATests.swift",
        r#"
class ATests: XCTestCase {
    func testAdds() {
        let sum = add(1, 2)
        XCTAssertEqual(sum, 3)
        XCTAssertNotNil(sum)
    }
}
"#,
        r#"
ATests.testAdds
  Equal Exact add(1,2) ~ 3
  Present Truthy add(1,2)
"#,
    );
    check(
        "tests/a_test.cpp",
        r#"
TEST(Calc, Adds) {
    int sum = add(1, 2);
    EXPECT_EQ(sum, 3);
    ASSERT_TRUE(sum > 2);
}
TEST(Calc, DISABLED_Divides) {
    EXPECT_EQ(divide(4, 2), 2);
}
TEST(Calc, Forks) {
    if (!has_fork()) {
        GTEST_SKIP() << "no fork";
    }
    EXPECT_EQ(fork(), 0);
}
"#,
        r#"
Calc.Adds
  Equal Exact add(1,2) ~ 3
  Order Bound add(1,2) ~ 2
Calc.DISABLED_Divides
  Equal Exact divide(4,2) ~ 2
  Skipped
Calc.Forks
  Equal Exact fork() ~ 0
  SkippedIf when (!has_fork())
"#,
    );
}
