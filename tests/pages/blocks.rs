//! The fenced blocks of a page.

/// A block, what stands behind its fence, and its line in the page.
pub struct Block {
    pub kind: String,
    pub body: String,
    pub line: usize,
}

pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in page.lines().enumerate() {
        if let Some(kind) = line.strip_prefix("```") {
            if !open {
                blocks.push(Block { kind: kind.to_owned(), body: String::new(), line: number + 1 });
            }
            open = !open;
        } else if let (true, Some(block)) = (open, blocks.last_mut()) {
            block.body.push_str(line);
            block.body.push('\n');
        }
    }
    assert!(!open, "a block is never closed");
    blocks
}
