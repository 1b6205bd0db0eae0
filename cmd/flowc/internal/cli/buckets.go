package cli

import _ "github.com/flow-lang/flowc/rt/vfs/bucket" // savepoints at s3://BUCKET/PATH
